outage-began-subject = доставки { $subscription } не вдаються
outage-began = Доставки підписки { $subscription } не вдаються з { $since }.
outage-failed-so-far =
    { $failed ->
        [0] Поки що від жодної не відмовилися: спроби тривають.
        [one] Поки що відмовилися від { $failed } доставки.
        [few] Поки що відмовилися від { $failed } доставок.
        [many] Поки що відмовилися від { $failed } доставок.
       *[other] Поки що відмовилися від { $failed } доставки.
    }
outage-one-more = Ви отримаєте ще один лист, коли доставка знову вдасться, і жодного про кожну помилку.
outage-ended-subject = доставки { $subscription } знову вдаються
outage-ended = Доставки підписки { $subscription } знову вдаються. Вони не вдавалися з { $since } до { $until }.
outage-failed =
    { $failed ->
        [0] Від жодної не відмовилися.
        [one] Відмовилися від { $failed } доставки. Її можна повторити.
        [few] Відмовилися від { $failed } доставок. Їх можна повторити.
        [many] Відмовилися від { $failed } доставок. Їх можна повторити.
       *[other] Відмовилися від { $failed } доставки. Їх можна повторити.
    }
last-error = Остання помилка:
page = Докладніше: { $url }
operation-at = { $what } ({ $at }).
operation-left-out =
    { $count ->
        [one] Ще про { $count } такий випадок не повідомлялося.
        [few] Ще про { $count } такі випадки не повідомлялося.
        [many] Ще про { $count } таких випадків не повідомлялося.
       *[other] Ще про { $count } такого випадку не повідомлялося.
    }
operation-subscription-disabled = Підписку { $subject } вимкнено, бо її доставки не вдаються
operation-plugin-suspended = Плагін { $subject } призупинено, бо його виклики не вдаються
operation-plugin-resumed = Плагін { $subject } знову викликається
operation-destination-unavailable = Запити до { $subject } чекають: там помилки
operation-destination-recovered = Запити до { $subject } знову надсилаються
operation-source-rejecting = Повідомлення джерелу { $subject } не вдається прочитати
test-subject = перевірка
test = Хтось перевіряє, чи доходять листи від Hookwright. Доходять. Робити нічого не треба.
footer = Цей лист написав Hookwright. Відповіді на нього ніхто не читає.
