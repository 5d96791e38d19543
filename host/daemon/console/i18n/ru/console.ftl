# Что есть на каждой странице.
skip = К содержанию
nav-label = Страницы
nav-deliveries = Доставки
nav-events = События
nav-rejects = Отклонённое
nav-replays = Повторы
nav-destinations = Получатели
nav-journal = Журнал
logged-in-as = { $user } ({ $role })
role-poster = отправитель
role-reader = читатель
role-operator = оператор
role-admin = администратор
log-in = Войти
log-out = Выйти
language = Язык
switch = Сменить

# Вход.
login-name = Имя
login-password = Пароль
login-wrong = Имя и пароль не подходят друг к другу.
login-too-often = Слишком много попыток. Подождите и попробуйте снова.
login-busy = Слишком многие входят одновременно. Попробуйте через несколько секунд.
login-stale = Форма была открыта слишком долго. Попробуйте снова.

# Что идёт не так.
error-400 = Это нельзя понять
error-400-hint = Что-то в запросе не так, как должно быть.
error-401 = Вы не вошли
error-401-hint = Войдите, чтобы увидеть эту страницу.
error-403 = Не разрешено
error-403-hint = Ваша роль этого не позволяет, или страница, с которой это пришло, устарела.
error-404 = Здесь ничего нет
error-404-hint = Это удалено, журнал этого больше не хранит, или в адресе опечатка.
error-405 = Эта страница не для этого
error-405-hint = Адрес принимает другие запросы.
error-409 = Это больше не подходит
error-409-hint = Тем временем что-то изменилось. Посмотрите ещё раз.
error-413 = Это слишком велико
error-413-hint = Отправьте меньше.
error-422 = В этом есть ошибки
error-422-hint = Ничего не изменено. Исправьте названное и отправьте снова.
error-429 = Слишком много сразу
error-429-hint = Подождите и попробуйте снова.
error-500 = Ошибка службы
error-500-hint = Подробности в протоколе службы.
error-503 = Сейчас недоступно
error-503-hint = Попробуйте через минуту.
error-status = Статус { $status }
error-home = В начало

# Единицы.
unit-bytes = { $number } Б
unit-kilobytes = { $number } кБ
unit-megabytes = { $number } МБ
unit-gigabytes = { $number } ГБ
unit-terabytes = { $number } ТБ
unit-microseconds = { $number } мкс
unit-milliseconds = { $number } мс
unit-seconds = { $number } с
unit-minutes = { $number } мин
unit-hours = { $number } ч
unit-days = { $number } д
