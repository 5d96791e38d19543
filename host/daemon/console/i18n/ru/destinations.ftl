# Получатели.
destinations-what = Куда недавно отправлялись запросы. Пока получатель не работает, его доставки ждут, и время от времени отправляется одна, чтобы узнать, заработал ли он.
destinations-none = С запуска службы ничего не отправлено.
destination-state = Состояние
destination-origin = Получатель
destination-through = через { $proxy }
destination-failed = Не удалось
destination-failed-of = { $failed } из { $tries }
destination-since = С
destination-error = Последняя ошибка
destination-probe = Следующая проверка
