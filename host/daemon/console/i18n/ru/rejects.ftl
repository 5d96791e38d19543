# Что не удалось прочитать.
reject = Посылка, которую не удалось прочитать
rejects-what = Посылки, которые источник не смог прочитать. Исправьте источник или его плагин и прочитайте их снова.
rejects-none = Всё удалось прочитать.
reject-why = Почему
reject-times = Сколько раз
reject-first = Впервые
reject-last = В последний раз
reject-status = Ответ
reject-size = Размер
reject-method = Метод
reject-query = Параметры
reject-facts = Что это
reject-retry = Прочитать снова
reject-remove-sure = Удалить эту посылку? Она исчезнет.
note-read = Её удалось прочитать, она принята.
note-removed = Удалено.
