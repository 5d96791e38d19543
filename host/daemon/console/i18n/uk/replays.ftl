# Повтори.
replay = Повтор
replays-none = Повторів немає.
replay-new = Новий повтор
replay-state = Стан
replay-what = Що
replay-redeliver = Доставити знову
replay-backfill = Доставити пропущене
replay-redeliver-what = Завершені доставки, ще раз
replay-backfill-what = Події, яких підписка не мала
replay-states = Завершені як
replay-subscription-hint = Потрібна для пропущених подій
replay-again = Також події, які вона мала
replay-rate = Доставок за секунду
replay-count = Порахувати
replay-make = Створити
replay-preview = { $count ->
    [one] Вийде { $count } доставка.
    [few] Вийдуть { $count } доставки.
    [many] Вийде { $count } доставок.
   *[other] Вийде { $count } доставки.
}
replay-left-out = Пропущено:
replay-done = Перебіг
replay-done-of = { $done } з { $found }
replay-progress = { $done } з { $found } стоять у черзі або стояли
replay-skipped = { $count ->
    [one] { $count } вже не знадобилася.
    [few] { $count } вже не знадобилися.
    [many] { $count } вже не знадобилося.
   *[other] { $count } вже не знадобилося.
}
replay-facts = Що це
replay-by = Хто попросив
replay-created = Створено
replay-started = Почато
replay-finished = Завершено
replay-move-start = Почати
replay-move-pause = Призупинити
replay-move-resume = Продовжити
replay-move-cancel = Скасувати
replay-move-remove = Вилучити
replay-cancel-sure = Скасувати цей повтор? Уже створене буде доставлено.
replay-remove-sure = Вилучити цей повтор зі списку?
note-replay-made = Повтор створено, він чекає на початок.
note-replay-moved = Зроблено.
