outage-began-subject = доставки { $subscription } не удаются
outage-began = Доставки подписки { $subscription } не удаются с { $since }.
outage-failed-so-far =
    { $failed ->
        [0] Пока ни от одной не отказались: попытки продолжаются.
        [one] Пока отказались от { $failed } доставки.
        [few] Пока отказались от { $failed } доставок.
        [many] Пока отказались от { $failed } доставок.
       *[other] Пока отказались от { $failed } доставки.
    }
outage-one-more = Вы получите ещё одно письмо, когда доставка снова удастся, и ни одного о каждой ошибке.
outage-ended-subject = доставки { $subscription } снова удаются
outage-ended = Доставки подписки { $subscription } снова удаются. Они не удавались с { $since } до { $until }.
outage-failed =
    { $failed ->
        [0] Ни от одной не отказались.
        [one] Отказались от { $failed } доставки. Её можно повторить.
        [few] Отказались от { $failed } доставок. Их можно повторить.
        [many] Отказались от { $failed } доставок. Их можно повторить.
       *[other] Отказались от { $failed } доставки. Их можно повторить.
    }
last-error = Последняя ошибка:
page = Подробнее: { $url }
operation-at = { $what } ({ $at }).
operation-left-out =
    { $count ->
        [one] Ещё о { $count } таком случае не сообщалось.
        [few] Ещё о { $count } таких случаях не сообщалось.
        [many] Ещё о { $count } таких случаях не сообщалось.
       *[other] Ещё о { $count } таких случаях не сообщалось.
    }
operation-subscription-disabled = Подписка { $subject } отключена, так как её доставки не удаются
operation-plugin-suspended = Плагин { $subject } приостановлен, так как его вызовы не удаются
operation-plugin-resumed = Плагин { $subject } снова вызывается
operation-destination-unavailable = Запросы к { $subject } ждут: там ошибки
operation-destination-recovered = Запросы к { $subject } снова отправляются
operation-source-rejecting = Сообщение источнику { $subject } не удаётся прочитать
test-subject = проверка
test = Кто-то проверяет, доходят ли письма от Hookwright. Доходят. Делать ничего не нужно.
footer = Это письмо написал Hookwright. Ответы на него никто не читает.
