outage-began-subject = Zustellungen von { $subscription } schlagen fehl
outage-began = Zustellungen des Abonnements { $subscription } schlagen seit { $since } fehl.
outage-failed-so-far =
    { $failed ->
        [0] Bisher wurde keine aufgegeben: Sie werden wieder versucht.
        [one] Bisher wurde eine aufgegeben.
       *[other] Bisher wurden { $failed } aufgegeben.
    }
outage-one-more = Sie bekommen noch eine Nachricht, wenn eine Zustellung wieder gelingt, und keine für jeden Fehler.
outage-ended-subject = Zustellungen von { $subscription } gelingen wieder
outage-ended = Zustellungen des Abonnements { $subscription } gelingen wieder. Sie schlugen von { $since } bis { $until } fehl.
outage-failed =
    { $failed ->
        [0] Keine wurde aufgegeben.
        [one] Eine wurde aufgegeben. Sie kann noch einmal zugestellt werden.
       *[other] { $failed } wurden aufgegeben. Sie können noch einmal zugestellt werden.
    }
last-error = Der letzte Fehler war:
page = Mehr: { $url }
operation-at = { $what } ({ $at }).
operation-left-out =
    { $count ->
        [one] Ein weiteres Mal wurde nicht gemeldet.
       *[other] { $count } weitere Male wurden nicht gemeldet.
    }
operation-subscription-disabled = Das Abonnement { $subject } ist abgeschaltet, weil seine Zustellungen fehlschlagen
operation-plugin-suspended = Das Plugin { $subject } ist ausgesetzt, weil seine Aufrufe fehlschlagen
operation-plugin-resumed = Das Plugin { $subject } wird wieder aufgerufen
operation-destination-unavailable = Anfragen an { $subject } warten, weil es dort Fehler gibt
operation-destination-recovered = Anfragen an { $subject } werden wieder gesendet
operation-source-rejecting = Eine Nachricht an die Quelle { $subject } ist nicht lesbar
test-subject = ein Test
test = Jemand probiert aus, ob Nachrichten von Hookwright ankommen. Sie tun es. Es ist nichts zu tun.
footer = Diese Nachricht hat Hookwright geschrieben. Antworten darauf liest niemand.
