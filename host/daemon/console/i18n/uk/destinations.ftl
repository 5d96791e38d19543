# Отримувачі.
destinations-what = Куди нещодавно надсилалися запити. Поки отримувач не працює, його доставки чекають, і час від часу надсилається одна, щоб дізнатися, чи він запрацював.
destinations-none = Від запуску служби нічого не надіслано.
destination-state = Стан
destination-origin = Отримувач
destination-through = через { $proxy }
destination-failed = Не вдалося
destination-failed-of = { $failed } з { $tries }
destination-since = Від
destination-error = Остання помилка
destination-probe = Наступна перевірка
