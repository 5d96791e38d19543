# Слова кількох сторінок.
all = усі
yes = так
no = ні
everywhere = усюди
forever = завжди
remove = Вилучити
crumbs-label = Шлях
pager-label = Сторінки списку
pager-first = Найновіші
pager-older = Раніші
search = Пошук
search-clear = Скинути
search-nothing = Нічого не знайдено.
search-since = Від
search-until = До
search-time-hint = Наприклад, 2h, 7d або 2026-12-31T23:59:59Z
search-type-hint = Наприклад, ticket.created або ticket.*
search-status-hint = Наприклад, 404, 5xx або 400..=499
search-subject = Id заявки в джерелі
ticket = Заявка
source = Джерело
subscription = Підписка
subscription-gone = (вилучена)
connection = З’єднання
request = Запит
request-headers = Заголовки запиту
answer = Відповідь
answer-headers = Заголовки відповіді
body-label = Тіло
body-empty = Без тіла
body-binary = не все тут текст
body-cut = показано лише початок
body-download = Завантажити повністю
call-fuel = Паливо
call-time = Час
call-memory = Пам’ять
call-log = Протокол плагіна
call-dropped = { $count ->
    [one] Відкинуто ще { $count } рядок.
    [few] Відкинуто ще { $count } рядки.
    [many] Відкинуто ще { $count } рядків.
   *[other] Відкинуто ще { $count } рядка.
}
state-pending = очікує
state-running = виконується
state-delivered = доставлено
state-failed = не вдалося
state-skipped = пропущено
state-canceled = скасовано
state-unknown = невідомо
state-retry = пізніше знову
state-resend = змінено й надіслано знову
state-ready = готово
state-paused = призупинено
state-done = завершено
state-closed = працює
state-open = не працює
state-half_open = перевіряється
