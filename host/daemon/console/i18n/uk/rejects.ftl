# Що не вдалося прочитати.
reject = Посилка, яку не вдалося прочитати
rejects-what = Посилки, які джерело не змогло прочитати. Виправте джерело або його плагін і прочитайте їх знову.
rejects-none = Усе вдалося прочитати.
reject-why = Чому
reject-times = Скільки разів
reject-first = Уперше
reject-last = Востаннє
reject-status = Відповідь служби
reject-size = Розмір
reject-method = Метод
reject-query = Параметри
reject-facts = Що це
reject-retry = Прочитати знову
reject-remove-sure = Вилучити цю посилку? Вона зникне.
note-read = Її вдалося прочитати, її прийнято.
note-removed = Вилучено.
