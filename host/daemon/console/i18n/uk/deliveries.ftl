# Доставки.
delivery = Доставка
deliveries-none = Доставок поки немає. Вони з’являються, коли надходить подія, яку бере підписка.
delivery-state = Стан
delivery-created = Створена
delivery-finished = Завершена
delivery-next = Наступна спроба
delivery-attempts = Спроби
delivery-status = Статус HTTP
delivery-reason = Причина
delivery-id = Id
delivery-facts = Що це
delivery-requests = Запити
delivery-position = { $position } з { $count }
delivery-remote = Id в отримувача
delivery-digest = Версія плагіна
delivery-parent = Спричинена
delivery-child = наслідок
delivery-children = Що спричинили її відповіді
delivery-follow-up = Що вона має зробити
delivery-asked-for = Чого просив плагін
delivery-retry = Повторити
delivery-cancel = Скасувати
delivery-cancel-sure = Скасувати цю доставку? Її більше не буде надіслано.
search-error = Текст у причині
search-parent = Спричинена доставкою
attempt = Спроба { $number }
attempts-none = Поки нічого не надіслано.
attempts-left-out = { $count ->
    [one] Пропущено { $count } ранішу спробу.
    [few] Пропущено { $count } раніші спроби.
    [many] Пропущено { $count } раніших спроб.
   *[other] Пропущено { $count } ранішої спроби.
}
attempt-judge = Як плагін зрозумів відповідь
answer-none = Відповіді не було.
answer-incomplete = Відповідь була довшою; решту не збережено.
plugin-call = Виклик плагіна
phases-label = Куди пішов час
phase-total = загалом
phase-token = отримання токена
phase-resolve = визначення імені
phase-connect = з’єднання
phase-tls = TLS
phase-wait = надсилання й очікування
phase-read = читання відповіді
note-retried = Доставка повторюється.
note-canceled = Доставку скасовано.
