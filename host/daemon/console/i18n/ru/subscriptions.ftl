# Подписки и соединения, и их формы.
nav-subscriptions = Подписки
nav-connections = Соединения
note-enabled = { $what }: включено.
note-disabled = { $what }: выключено.
note-asked = Владелец адреса спрошен ещё раз.
subscription-is-active = работает
subscription-is-failing = сбои
subscription-is-suspended = плагин приостановлен
subscription-is-unconfirmed = ждёт подтверждения
subscription-is-disabled = выключена
subscription-is-self-disabled = выключилась сама
subscriptions-text = Имя, плагин или описание
subscriptions-state = Состояние
subscriptions-name = Имя
subscriptions-plugin = Плагин
subscriptions-takes = Принимает
subscriptions-delivered = Доставлено за сутки
subscriptions-failed = Не доставлено за сутки
subscriptions-error = Последний сбой
subscriptions-actions = Действие
subscriptions-newer = Установлена более новая версия.
subscriptions-none = Подписок пока нет. Подписка говорит, какие события куда идут.
subscriptions-failures = { $count ->
    [one] { $count } сбой подряд
    [few] { $count } сбоя подряд
    [many] { $count } сбоев подряд
   *[other] { $count } сбоя подряд
}
subscription-enable = Включить
subscription-disable = Выключить
subscription-test = Отправить тест
subscription-verify = Запросить подтверждение ещё раз
subscription-update = Обновить плагин
subscription-self-disabled = Она выключилась сама
subscription-changed = Изменено
subscription-made = Создано
subscription-last = Последние доставки
subscription-no-deliveries = Пока ничего не доставлялось.
connections-what = Через соединения поля и комментарии записываются обратно в хелпдески.
connections-none = Соединений пока нет.
connections-sources = Источники, которые им пользуются
connections-unused = нет
setup-new = Новое
setup-new-subscription = Новая подписка
setup-new-connection = Новое соединение
setup-choose = Выберите плагин.
setup-no-plugins = Подходящий плагин не установлен.
setup-edit = Изменить
setup-save = Сохранить
setup-back = Назад
setup-conflict = Кто-то изменил это, пока форма была открыта. Ничего не сохранено; введённое вами осталось ниже.
setup-conflict-open = Открыть то, что есть сейчас
setup-mistakes = { $count ->
    [one] Ошибка в { $count } поле. Ничего не сохранено.
    [few] Ошибки в { $count } полях. Ничего не сохранено.
    [many] Ошибки в { $count } полях. Ничего не сохранено.
   *[other] Ошибки в { $count } поля. Ничего не сохранено.
}
setup-remove-sure = Удалить { $name }?
setup-remove-subscription = То, что ещё не доставлено, отменяется. Журнал сохраняет то, что было.
setup-remove-connection = То, что должно было записаться через него, не запишется.
setup-remove-waiting = { $count ->
    [one] Отменяется { $count } доставка.
    [few] Отменяются { $count } доставки.
    [many] Отменяется { $count } доставок.
   *[other] Отменяется { $count } доставки.
}
setup-remove-more = Есть и другие.
section-about = Что это
section-settings = Настройки плагина
section-secrets = Секреты
section-takes = Что принимает
section-proof = Подпись и подтверждение
section-deliver = Доставка
section-network = Сеть и темп
section-answers = Ответы
section-more = Ещё
settings-none = У плагина нет настроек.
setup-secret-known = Имеющийся секрет
secret-none = нет
secret-new = Или новое значение
secret-new-hint = Хранится зашифрованным и больше не показывается.
secret-of = Секрет { $slot }
takes-sources = Источники
takes-sources-hint = Если ничего не выбрано, то все.
takes-no-sources = Источников пока нет.
takes-events = Типы событий
takes-patterns = Другие шаблоны
takes-patterns-hint = По одному в строке, например ticket.* или * для всех
channel-subscriptions = Подписки
channel-created = Создание заявки
channel-replied = Добавление ответа (в "классическом" интерфейсе заявки)
channel-chat = Добавление ответа в чат (в интерфейсе "омни")
channel-commented = Добавление комментария
channel-status = Изменение статуса
channel-priority = Изменение приоритета
channel-type = Изменение типа
channel-assignee = Изменение исполнителя
channel-closed = Закрытие заявки
channel-department = Изменение департамента
channel-sla = Достигнут SLA (на выполнение заявки)
channel-rated = Добавлена оценка (оценка заявки от клиента)
channel-repeats = Повторы событий
channel-repeats-hint = При HTTP статусе ниже 200 или выше 400 событие отправляется повторно с задержкой.
channel-status-title = Статус канала
channel-connected = Соединение успешно установлено!
channel-not-connected = Соединение не установлено:
channel-testing = Соединение проверяется…
channel-untested = Соединение ещё не проверялось. Отправьте тест.
channel-changed = После последней проверки что-то изменилось. Отправьте тест.
channel-tested = Последняя проверка:
channel-journal = Журнал вебхуков
dry-run = Пробный запуск
dry-nothing-sent = Ничего не отправляется.
dry-event = Событие
dry-event-hint = Его id; последнее подходящее, если пусто
dry-offered = Подходящие события
dry-none = Пока нет события, которое она приняла бы.
dry-would = Что было бы отправлено
dry-taken = Подписка принимает событие:
dry-not-taken = Подписка не принимает событие:
dry-sends = Было бы отправлено это.
dry-skips = Ничего не было бы отправлено:
dry-fails = Доставка не удалась бы:
dry-waits = Доставка ждала бы:
dry-signatures = Подписано заголовками { $names }
dry-token = Тело уходит подписанным токеном; показаны его заголовок и содержимое.
update-now = Сейчас
update-then = Потом
update-newest = Это самая новая из установленных версий.
update-compared = { $count ->
    [one] Обе версии запущены с { $count } событием.
    [few] Обе версии запущены с { $count } последними событиями.
    [many] Обе версии запущены с { $count } последними событиями.
   *[other] Обе версии запущены с { $count } последними событиями.
}
update-differ = Отличаются для { $count }.
update-same = Делают одно и то же.
field-name = Имя
field-description = Описание
field-enabled = Включено
field-groups = Департаменты (группы)
field-condition = Условие (CEL)
field-verify = Владелец адреса должен его подтвердить
field-signing = Подпись
field-signing-hub = X-Hub-Signature
field-signing-hmac = HMAC в заголовке
field-signing-standard = Standard Webhooks
field-signing-jwt = Токен (JWT) по политике
field-signing-several = Несколько, в JSON
field-signing-secret = Имя секрета с ключом
field-signing-header = Заголовок
field-signing-format = Значение заголовка
field-signing-message = Что подписывается
field-signing-timestamp-header = Заголовок со временем
field-signing-delivery-header = Заголовок с id доставки
field-signing-previous = Имя секрета с прежним ключом
field-signing-until = Прежний ключ действует до
field-signing-policy = Политика
field-digest = Хеш-функция
field-encoding = Как записывается
field-auth = Авторизация
field-auth-basic = Имя пользователя и пароль
field-auth-bearer = Токен Bearer
field-auth-header = Секрет в заголовке
field-auth-oauth2 = OAuth 2.0 (client credentials)
field-auth-username = Имя пользователя
field-auth-secret = Имя секрета
field-auth-header-name = Заголовок
field-auth-prefix = Что стоит перед секретом
field-auth-token-url = Где получают токены
field-auth-client-id = Id клиента
field-auth-scope = Область (scope)
field-auth-audience = Получатель (audience)
field-auth-client-auth = Как клиент себя подтверждает
field-preset = Обычаи получателя (preset)
field-retry = Когда отправлять снова
field-retry-off = никогда
field-retry-growing = с растущими паузами
field-retry-steady = равномерно некоторое время
field-retry-listed = после этих пауз
field-retry-attempts = Всего попыток
field-retry-first = Первая пауза, в секундах
field-retry-factor = Множитель
field-retry-most = Самая долгая пауза, в секундах
field-retry-jitter = Случайность (0–1)
field-retry-every = Каждые столько секунд
field-retry-for = В течение стольких секунд
field-retry-waits = Паузы в секундах, например [5, 60, 600]
field-retry-unknown = Отправлять снова то, что могло дойти
field-timeout = Самая долгая попытка, в секундах
field-max-concurrent = Запросов одновременно
field-order = Порядок
field-after-failure = После сбоя
field-disable-on-failure = Выключается сама при долгих сбоях
field-writes = Записей в заявку за час, не более
field-time-zone = Часовой пояс
field-mail = Кому писать о сбоях
field-tls = TLS
field-tls-ca = Имя секрета с доверенными центрами
field-tls-public = Публичным центрам тоже доверять
field-tls-certificate = Имя секрета с сертификатом клиента
field-proxy = Прокси
field-proxy-url = Адрес
field-proxy-username = Имя пользователя
field-proxy-secret = Имя секрета с паролем
field-reserve-hosts = Резервные хосты
field-pace = Темп (JSON)
field-answers = Что значат ответы (JSON)
field-write-back = Что записывается обратно (JSON)
field-needed = обязательно
field-default = Если не указано:
field-example = Например:
field-usual = как обычно
field-json = JSON
field-lines = По одному в строке
field-row-name = Имя
field-row-value = Значение
field-row-add = Ещё строка
field-as = Текст или JSON?
field-as-text = текст
field-as-json = JSON
hint-name = От 1 до 64 строчных латинских букв, цифр, «-», «_» или «.»
hint-groups = Только их заявки; если пусто, то все.
hint-condition = Берутся только события, для которых оно верно, например event.ticket.priority == 'high'
hint-mail = По одному адресу в строке
hint-time-zone = Например, Europe/Moscow; если пусто, UTC
