# Что можно выбрать, рядом с самими значениями.
field-order-is-none = без порядка
field-order-is-per_ticket = по очереди для каждой заявки
field-order-is-strict = все по очереди
field-after-failure-is-skip = следующие отправляются дальше
field-after-failure-is-wait = следующие ждут
field-retry-unknown-is-true = да
field-retry-unknown-is-false = нет
field-auth-client-auth-is-basic = в заголовке, как имя и пароль
field-auth-client-auth-is-body = в теле запроса
field-preset-is-none = ничьи
field-preset-is-xurrent = Xurrent, 4me, R-Service
field-preset-is-helpdeskeddy-api = HelpDeskEddy, его API
