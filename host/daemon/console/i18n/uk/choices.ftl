# Що можна вибрати, поруч із самими значеннями.
field-order-is-none = без порядку
field-order-is-per_ticket = по черзі для кожної заявки
field-order-is-strict = усі по черзі
field-after-failure-is-skip = наступні надсилаються далі
field-after-failure-is-wait = наступні чекають
field-retry-unknown-is-true = так
field-retry-unknown-is-false = ні
field-auth-client-auth-is-basic = у заголовку, як ім’я та пароль
field-auth-client-auth-is-body = у тілі запиту
field-preset-is-none = нічиї
field-preset-is-xurrent = Xurrent, 4me, R-Service
field-preset-is-helpdeskeddy-api = HelpDeskEddy, його API
