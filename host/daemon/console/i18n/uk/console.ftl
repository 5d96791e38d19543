# Що є на кожній сторінці.
skip = До змісту
nav-label = Сторінки
nav-deliveries = Доставки
nav-events = Події
nav-rejects = Відхилене
nav-replays = Повтори
nav-destinations = Отримувачі
nav-journal = Журнал
logged-in-as = { $user } ({ $role })
role-poster = відправник
role-reader = читач
role-operator = оператор
role-admin = адміністратор
log-in = Увійти
log-out = Вийти
language = Мова
switch = Змінити

# Вхід.
login-name = Ім’я
login-password = Пароль
login-wrong = Ім’я та пароль не підходять одне до одного.
login-too-often = Забагато спроб. Зачекайте і спробуйте знову.
login-busy = Забагато людей входить одночасно. Спробуйте за кілька секунд.
login-stale = Форма була відкрита надто довго. Спробуйте знову.

# Що йде не так.
error-400 = Це неможливо зрозуміти
error-400-hint = Щось у запиті не так, як має бути.
error-401 = Ви не ввійшли
error-401-hint = Увійдіть, щоб побачити цю сторінку.
error-403 = Не дозволено
error-403-hint = Ваша роль цього не дозволяє, або сторінка, з якої це надійшло, застаріла.
error-404 = Тут нічого немає
error-404-hint = Це вилучено, журнал цього більше не зберігає, або в адресі помилка.
error-405 = Ця сторінка не для цього
error-405-hint = Адреса приймає інші запити.
error-409 = Це більше не підходить
error-409-hint = Тим часом щось змінилося. Погляньте ще раз.
error-413 = Це завелике
error-413-hint = Надішліть менше.
error-422 = У цьому є помилки
error-422-hint = Нічого не змінено. Виправте назване і надішліть знову.
error-429 = Забагато одразу
error-429-hint = Зачекайте і спробуйте знову.
error-500 = Помилка служби
error-500-hint = Подробиці в протоколі служби.
error-503 = Зараз недоступно
error-503-hint = Спробуйте за хвилину.
error-status = Статус { $status }
error-home = На початок

# Одиниці.
unit-bytes = { $number } Б
unit-kilobytes = { $number } кБ
unit-megabytes = { $number } МБ
unit-gigabytes = { $number } ГБ
unit-terabytes = { $number } ТБ
unit-microseconds = { $number } мкс
unit-milliseconds = { $number } мс
unit-seconds = { $number } с
unit-minutes = { $number } хв
unit-hours = { $number } год
unit-days = { $number } д
