# Настройки почты.
mail-settings = Почта
mail-settings-what = Письмо приходит, когда доставки начинают срываться и когда они снова удаются.
mail-not-set-up = Почта не настроена: письма никому не приходят.
mail-disabled = Почта выключена: то, что нужно отправить, ждёт одни сутки.
mail-through = Письма отправляются через { $server }.
mail-change = Настроить почту
mail-look = Как она настроена
mail-waiting = { $count ->
    [one] { $count } письмо ждёт отправки.
    [few] { $count } письма ждут отправки.
    [many] { $count } писем ждут отправки.
   *[other] { $count } письма ждут отправки.
}
mail-next-try = Следующая попытка:
mail-part-server = Почтовый сервер
mail-part-mails = Письма
mail-secret-password = Пароль
mail-hint-password = К имени пользователя.
mail-secret-ca = Доверенные центры сертификации
mail-hint-ca = Сертификаты в PEM для сервера со своими сертификатами. Если «нет», доверяют центрам из списка Mozilla.
mail-try = Проверочное письмо
mail-try-to = Кому
mail-try-what = Отправляется с сохранёнными настройками.
mail-try-send = Отправить проверочное письмо
mail-tried-sent = Почтовый сервер принял письмо:
mail-tried-not-sent = Письмо не отправлено:
mail-remove-sure = Удалить настройки почты? Письма больше никому не придут.
field-mail-server = Имя или адрес почтового сервера
field-mail-port = Порт
hint-mail-port = Если не указан: 587 при STARTTLS, 465 при TLS, иначе 25.
field-mail-security = Защита соединения
field-mail-security-starttls = STARTTLS
field-mail-security-tls = TLS с первого байта
field-mail-security-none = нет: письма можно прочесть в пути
field-mail-username = Имя пользователя
hint-mail-username = Если не указано, вход не выполняется.
field-mail-timeout = Сколько секунд может отправляться одно письмо
field-mail-from = От кого
field-mail-to = Администраторы
hint-mail-to = Кто узнаёт о каждом сбое и о том, что происходит с самим сервисом. Получатели подписки указаны в ней.
field-mail-language = Язык писем
field-mail-enabled = Отправлять письма
