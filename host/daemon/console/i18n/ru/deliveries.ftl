# Доставки.
delivery = Доставка
deliveries-none = Доставок пока нет. Они появляются, когда приходит событие, которое берёт подписка.
delivery-state = Состояние
delivery-created = Создана
delivery-finished = Завершена
delivery-next = Следующая попытка
delivery-attempts = Попытки
delivery-status = Статус HTTP
delivery-reason = Причина
delivery-id = Id
delivery-facts = Что это
delivery-requests = Запросы
delivery-position = { $position } из { $count }
delivery-remote = Id у получателя
delivery-digest = Версия плагина
delivery-parent = Вызвана
delivery-child = следствие
delivery-children = Что вызвали её ответы
delivery-follow-up = Что она должна сделать
delivery-asked-for = Чего просил плагин
delivery-retry = Повторить
delivery-cancel = Отменить
delivery-cancel-sure = Отменить эту доставку? Она больше не будет отправлена.
search-error = Текст в причине
search-parent = Вызвана доставкой
attempt = Попытка { $number }
attempts-none = Пока ничего не отправлено.
attempts-left-out = { $count ->
    [one] Пропущена { $count } более ранняя попытка.
    [few] Пропущены { $count } более ранние попытки.
    [many] Пропущено { $count } более ранних попыток.
   *[other] Пропущено { $count } более ранней попытки.
}
attempt-judge = Как плагин понял ответ
answer-none = Ответа не было.
answer-incomplete = Ответ был длиннее; остаток не сохранён.
plugin-call = Вызов плагина
phases-label = Куда ушло время
phase-total = всего
phase-token = получение токена
phase-resolve = разрешение имени
phase-connect = соединение
phase-tls = TLS
phase-wait = отправка и ожидание
phase-read = чтение ответа
note-retried = Доставка повторяется.
note-canceled = Доставка отменена.
