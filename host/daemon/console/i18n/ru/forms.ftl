# Формы нескольких страниц.
save = Сохранить
change = Изменить
leave = Отменить
enable = Включить
disable = Выключить
copy = Копировать
copied = Скопировано
never = никогда
shown-once = Показывается только один раз. Скопируйте сейчас.
form-refused = Ничего не изменено:
name-hint = Строчные латинские буквы, цифры, - _ и .
kind-subscription = подписка
kind-connection = соединение
kind-source = источник
kind-policy = политика
kind-mail = настройки почты
note-set = Сохранено. { $what }
