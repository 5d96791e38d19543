# Повторы.
replay = Повтор
replays-none = Повторов нет.
replay-new = Новый повтор
replay-state = Состояние
replay-what = Что
replay-redeliver = Доставить снова
replay-backfill = Доставить пропущенное
replay-redeliver-what = Завершённые доставки, ещё раз
replay-backfill-what = События, которых у подписки не было
replay-states = Завершённые как
replay-subscription-hint = Нужна для пропущенных событий
replay-again = Также события, которые у неё были
replay-rate = Доставок в секунду
replay-count = Посчитать
replay-make = Создать
replay-preview = { $count ->
    [one] Получится { $count } доставка.
    [few] Получатся { $count } доставки.
    [many] Получится { $count } доставок.
   *[other] Получится { $count } доставки.
}
replay-left-out = Пропущено:
replay-done = Ход
replay-done-of = { $done } из { $found }
replay-progress = { $done } из { $found } стоят в очереди или стояли
replay-skipped = { $count ->
    [one] { $count } уже не понадобилась.
    [few] { $count } уже не понадобились.
    [many] { $count } уже не понадобилось.
   *[other] { $count } уже не понадобилось.
}
replay-facts = Что это
replay-by = Кто попросил
replay-created = Создан
replay-started = Начат
replay-finished = Завершён
replay-move-start = Начать
replay-move-pause = Приостановить
replay-move-resume = Продолжить
replay-move-cancel = Отменить
replay-move-remove = Удалить
replay-cancel-sure = Отменить этот повтор? Уже созданное будет доставлено.
replay-remove-sure = Удалить этот повтор из списка?
note-replay-made = Повтор создан и ждёт начала.
note-replay-moved = Сделано.
