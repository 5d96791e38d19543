# Підписки та з’єднання, і їхні форми.
nav-subscriptions = Підписки
nav-connections = З’єднання
note-enabled = { $what }: увімкнено.
note-disabled = { $what }: вимкнено.
note-asked = Власника адреси запитано ще раз.
subscription-is-active = працює
subscription-is-failing = збої
subscription-is-suspended = плагін призупинено
subscription-is-unconfirmed = чекає підтвердження
subscription-is-disabled = вимкнено
subscription-is-self-disabled = вимкнулася сама
subscriptions-text = Назва, плагін або опис
subscriptions-state = Стан
subscriptions-name = Назва
subscriptions-plugin = Плагін
subscriptions-takes = Приймає
subscriptions-delivered = Доставлено за добу
subscriptions-failed = Не доставлено за добу
subscriptions-error = Останній збій
subscriptions-actions = Дія
subscriptions-newer = Встановлено новішу версію.
subscriptions-none = Підписок ще немає. Підписка визначає, які події куди йдуть.
subscriptions-failures = { $count ->
    [one] { $count } збій поспіль
    [few] { $count } збої поспіль
    [many] { $count } збоїв поспіль
   *[other] { $count } збою поспіль
}
subscription-enable = Увімкнути
subscription-disable = Вимкнути
subscription-test = Надіслати тест
subscription-verify = Ще раз попросити підтвердження
subscription-update = Оновити плагін
subscription-self-disabled = Вона вимкнулася сама
subscription-changed = Змінено
subscription-made = Створено
subscription-last = Останні доставки
subscription-no-deliveries = Ще нічого не доставлялося.
connections-what = Через з’єднання поля й коментарі записуються назад до хелпдесків.
connections-none = З’єднань ще немає.
connections-sources = Джерела, що ним користуються
connections-unused = немає
setup-new = Нове
setup-new-subscription = Нова підписка
setup-new-connection = Нове з’єднання
setup-choose = Виберіть плагін.
setup-no-plugins = Відповідний плагін не встановлено.
setup-edit = Змінити
setup-save = Зберегти
setup-back = Назад
setup-conflict = Хтось змінив це, поки форму було відкрито. Нічого не збережено; введене вами залишилося нижче.
setup-conflict-open = Відкрити те, що є зараз
setup-mistakes = { $count ->
    [one] Помилка в { $count } полі. Нічого не збережено.
    [few] Помилки у { $count } полях. Нічого не збережено.
    [many] Помилки у { $count } полях. Нічого не збережено.
   *[other] Помилки у { $count } поля. Нічого не збережено.
}
setup-remove-sure = Видалити { $name }?
setup-remove-subscription = Те, що ще не доставлено, скасовується. Журнал зберігає те, що було.
setup-remove-connection = Те, що мало записатися через нього, не запишеться.
setup-remove-waiting = { $count ->
    [one] Скасовується { $count } доставка.
    [few] Скасовуються { $count } доставки.
    [many] Скасовується { $count } доставок.
   *[other] Скасовується { $count } доставки.
}
setup-remove-more = Є ще інші.
section-about = Що це
section-settings = Налаштування плагіна
section-secrets = Секрети
section-takes = Що приймає
section-proof = Підпис і підтвердження
section-deliver = Доставка
section-network = Мережа й темп
section-answers = Відповіді
section-more = Ще
settings-none = Плагін не має налаштувань.
setup-secret-known = Наявний секрет
secret-none = немає
secret-new = Або нове значення
secret-new-hint = Зберігається зашифрованим і більше не показується.
secret-of = Секрет { $slot }
takes-sources = Джерела
takes-sources-hint = Якщо нічого не вибрано, то всі.
takes-no-sources = Джерел ще немає.
takes-events = Типи подій
takes-patterns = Інші шаблони
takes-patterns-hint = По одному в рядку, наприклад ticket.* або * для всіх
channel-subscriptions = Підписки
channel-created = Створення заявки
channel-replied = Додавання відповіді (у «класичному» інтерфейсі заявки)
channel-chat = Додавання відповіді в чат (в інтерфейсі «омні»)
channel-commented = Додавання коментаря
channel-status = Зміна статусу
channel-priority = Зміна пріоритету
channel-type = Зміна типу
channel-assignee = Зміна виконавця
channel-closed = Закриття заявки
channel-department = Зміна департаменту
channel-sla = Досягнуто SLA (на виконання заявки)
channel-rated = Додано оцінку (оцінка заявки від клієнта)
channel-repeats = Повтори подій
channel-repeats-hint = При HTTP-статусі нижче 200 або вище 400 подія надсилається повторно із затримкою.
channel-status-title = Статус каналу
channel-connected = З’єднання успішно встановлено!
channel-not-connected = З’єднання не встановлено:
channel-testing = З’єднання перевіряється…
channel-untested = З’єднання ще не перевірялося. Надішліть тест.
channel-changed = Після останньої перевірки щось змінено. Надішліть тест.
channel-tested = Остання перевірка:
channel-journal = Журнал вебхуків
dry-run = Пробний запуск
dry-nothing-sent = Нічого не надсилається.
dry-event = Подія
dry-event-hint = Її id; остання відповідна, якщо порожньо
dry-offered = Відповідні події
dry-none = Ще немає події, яку вона прийняла б.
dry-would = Що було б надіслано
dry-taken = Підписка приймає подію:
dry-not-taken = Підписка не приймає подію:
dry-sends = Було б надіслано це.
dry-skips = Нічого не було б надіслано:
dry-fails = Доставка не вдалася б:
dry-waits = Доставка чекала б:
dry-signatures = Підписано заголовками { $names }
dry-token = Тіло йде підписаним токеном; показано його заголовок і вміст.
update-now = Зараз
update-then = Потім
update-newest = Це найновіша зі встановлених версій.
update-compared = { $count ->
    [one] Обидві версії запущено з { $count } подією.
    [few] Обидві версії запущено з { $count } останніми подіями.
    [many] Обидві версії запущено з { $count } останніми подіями.
   *[other] Обидві версії запущено з { $count } останніми подіями.
}
update-differ = Відрізняються для { $count }.
update-same = Роблять те саме.
field-name = Назва
field-description = Опис
field-enabled = Увімкнено
field-groups = Департаменти (групи)
field-condition = Умова (CEL)
field-verify = Власник адреси має її підтвердити
field-signing = Підпис
field-signing-hub = X-Hub-Signature
field-signing-hmac = HMAC у заголовку
field-signing-standard = Standard Webhooks
field-signing-jwt = Токен (JWT) за політикою
field-signing-several = Кілька, у JSON
field-signing-secret = Назва секрету з ключем
field-signing-header = Заголовок
field-signing-format = Значення заголовка
field-signing-message = Що підписується
field-signing-timestamp-header = Заголовок із часом
field-signing-delivery-header = Заголовок з id доставки
field-signing-previous = Назва секрету з попереднім ключем
field-signing-until = Попередній ключ діє до
field-signing-policy = Політика
field-digest = Геш-функція
field-encoding = Як записується
field-auth = Авторизація
field-auth-basic = Ім’я користувача й пароль
field-auth-bearer = Токен Bearer
field-auth-header = Секрет у заголовку
field-auth-oauth2 = OAuth 2.0 (client credentials)
field-auth-username = Ім’я користувача
field-auth-secret = Назва секрету
field-auth-header-name = Заголовок
field-auth-prefix = Що стоїть перед секретом
field-auth-token-url = Де отримують токени
field-auth-client-id = Id клієнта
field-auth-scope = Область (scope)
field-auth-audience = Отримувач (audience)
field-auth-client-auth = Як клієнт себе підтверджує
field-preset = Звичаї отримувача (preset)
field-retry = Коли надсилати знову
field-retry-off = ніколи
field-retry-growing = зі зростаючими паузами
field-retry-steady = рівномірно певний час
field-retry-listed = після цих пауз
field-retry-attempts = Усього спроб
field-retry-first = Перша пауза, у секундах
field-retry-factor = Множник
field-retry-most = Найдовша пауза, у секундах
field-retry-jitter = Випадковість (0–1)
field-retry-every = Кожні стільки секунд
field-retry-for = Протягом стількох секунд
field-retry-waits = Паузи в секундах, наприклад [5, 60, 600]
field-retry-unknown = Надсилати знову те, що могло дійти
field-timeout = Найдовша спроба, у секундах
field-max-concurrent = Запитів одночасно
field-order = Порядок
field-after-failure = Після збою
field-disable-on-failure = Вимикається сама при довгих збоях
field-writes = Записів у заявку за годину, не більше
field-time-zone = Часовий пояс
field-mail = Кому писати про збої
field-tls = TLS
field-tls-ca = Назва секрету з довіреними центрами
field-tls-public = Публічним центрам теж довіряти
field-tls-certificate = Назва секрету із сертифікатом клієнта
field-proxy = Проксі
field-proxy-url = Адреса
field-proxy-username = Ім’я користувача
field-proxy-secret = Назва секрету з паролем
field-reserve-hosts = Резервні хости
field-pace = Темп (JSON)
field-answers = Що означають відповіді (JSON)
field-write-back = Що записується назад (JSON)
field-needed = обов’язково
field-default = Якщо не вказано:
field-example = Наприклад:
field-usual = як звичайно
field-json = JSON
field-lines = По одному в рядку
field-row-name = Назва
field-row-value = Значення
field-row-add = Ще рядок
field-as = Текст чи JSON?
field-as-text = текст
field-as-json = JSON
hint-name = Від 1 до 64 малих латинських літер, цифр, «-», «_» або «.»
hint-groups = Лише їхні заявки; якщо порожньо, то всі.
hint-condition = Беруться лише події, для яких вона істинна, наприклад event.ticket.priority == 'high'
hint-mail = По одній адресі в рядку
hint-time-zone = Наприклад, Europe/Kyiv; якщо порожньо, UTC
