# Слова нескольких страниц.
all = все
yes = да
no = нет
everywhere = везде
forever = всегда
remove = Удалить
crumbs-label = Путь
pager-label = Страницы списка
pager-first = Новейшие
pager-older = Более ранние
search = Поиск
search-clear = Сбросить
search-nothing = Ничего не найдено.
search-since = С
search-until = До
search-time-hint = Например, 2h, 7d или 2026-12-31T23:59:59Z
search-type-hint = Например, ticket.created или ticket.*
search-status-hint = Например, 404, 5xx или 400..=499
search-subject = Id заявки в источнике
ticket = Заявка
source = Источник
subscription = Подписка
subscription-gone = (удалена)
connection = Соединение
request = Запрос
request-headers = Заголовки запроса
answer = Ответ
answer-headers = Заголовки ответа
body-label = Тело
body-empty = Без тела
body-binary = не всё здесь текст
body-cut = показано только начало
body-download = Скачать целиком
call-fuel = Топливо
call-time = Время
call-memory = Память
call-log = Протокол плагина
call-dropped = { $count ->
    [one] Отброшена ещё { $count } строка.
    [few] Отброшены ещё { $count } строки.
    [many] Отброшено ещё { $count } строк.
   *[other] Отброшено ещё { $count } строки.
}
state-pending = ожидает
state-running = выполняется
state-delivered = доставлено
state-failed = не удалось
state-skipped = пропущено
state-canceled = отменено
state-unknown = неизвестно
state-retry = позже снова
state-resend = изменено и отправлено снова
state-ready = готово
state-paused = приостановлено
state-done = завершено
state-closed = работает
state-open = не работает
state-half_open = проверяется
