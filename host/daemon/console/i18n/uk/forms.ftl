# Форми кількох сторінок.
save = Зберегти
change = Змінити
leave = Скасувати
enable = Увімкнути
disable = Вимкнути
copy = Копіювати
copied = Скопійовано
never = ніколи
shown-once = Показується лише один раз. Скопіюйте зараз.
form-refused = Нічого не змінено:
name-hint = Малі латинські літери, цифри, - _ та .
kind-subscription = підписка
kind-connection = з’єднання
kind-source = джерело
kind-policy = політика
kind-mail = налаштування пошти
note-set = Збережено. { $what }
