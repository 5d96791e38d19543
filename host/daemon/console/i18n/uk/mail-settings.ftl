# Налаштування пошти.
mail-settings = Пошта
mail-settings-what = Лист надходить, коли доставки починають зриватися і коли вони знову вдаються.
mail-not-set-up = Пошту не налаштовано: листи нікому не надходять.
mail-disabled = Пошту вимкнено: те, що треба надіслати, чекає одну добу.
mail-through = Листи надсилаються через { $server }.
mail-change = Налаштувати пошту
mail-look = Як її налаштовано
mail-waiting = { $count ->
    [one] { $count } лист чекає на надсилання.
    [few] { $count } листи чекають на надсилання.
    [many] { $count } листів чекають на надсилання.
   *[other] { $count } листа чекають на надсилання.
}
mail-next-try = Наступна спроба:
mail-part-server = Поштовий сервер
mail-part-mails = Листи
mail-secret-password = Пароль
mail-hint-password = До імені користувача.
mail-secret-ca = Довірені центри сертифікації
mail-hint-ca = Сертифікати в PEM для сервера з власними сертифікатами. Якщо «немає», довіряють центрам зі списку Mozilla.
mail-try = Перевірний лист
mail-try-to = Кому
mail-try-what = Надсилається зі збереженими налаштуваннями.
mail-try-send = Надіслати перевірний лист
mail-tried-sent = Поштовий сервер прийняв лист:
mail-tried-not-sent = Лист не надіслано:
mail-remove-sure = Вилучити налаштування пошти? Листи більше нікому не надходитимуть.
field-mail-server = Ім’я або адреса поштового сервера
field-mail-port = Порт
hint-mail-port = Якщо не вказано: 587 зі STARTTLS, 465 з TLS, інакше 25.
field-mail-security = Захист з’єднання
field-mail-security-starttls = STARTTLS
field-mail-security-tls = TLS з першого байта
field-mail-security-none = немає: листи можна прочитати дорогою
field-mail-username = Ім’я користувача
hint-mail-username = Якщо не вказано, вхід не виконується.
field-mail-timeout = Скільки секунд може надсилатися один лист
field-mail-from = Від кого
field-mail-to = Адміністратори
hint-mail-to = Хто дізнається про кожен збій і про те, що відбувається із самим сервісом. Одержувачів підписки вказано в ній.
field-mail-language = Мова листів
field-mail-enabled = Надсилати листи
