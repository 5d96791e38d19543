# Was jede Seite hat.
skip = Zum Inhalt springen
nav-label = Seiten
nav-deliveries = Zustellungen
nav-events = Ereignisse
nav-rejects = Abgewiesenes
nav-replays = Wiederholungen
nav-destinations = Ziele
nav-journal = Journal
logged-in-as = { $user } ({ $role })
role-poster = Absender
role-reader = Leser
role-operator = Operator
role-admin = Administrator
log-in = Anmelden
log-out = Abmelden
language = Sprache
switch = Wechseln

# Anmelden.
login-name = Name
login-password = Passwort
login-wrong = Name und Passwort passen nicht zusammen.
login-too-often = Zu viele Versuche. Warten Sie eine Weile und versuchen Sie es erneut.
login-busy = Zu viele melden sich gleichzeitig an. Versuchen Sie es in ein paar Sekunden erneut.
login-stale = Das Formular war zu lange offen. Versuchen Sie es erneut.

# Was schiefgeht.
error-400 = Das ist nicht zu verstehen
error-400-hint = Etwas an der Anfrage ist nicht, wie es sein soll.
error-401 = Sie sind nicht angemeldet
error-401-hint = Melden Sie sich an, um diese Seite zu sehen.
error-403 = Nicht erlaubt
error-403-hint = Ihre Rolle erlaubt das nicht, oder die Seite, von der es kam, ist abgelaufen.
error-404 = Hier ist nichts
error-404-hint = Es wurde entfernt, das Journal bewahrt es nicht mehr auf, oder die Adresse ist vertippt.
error-405 = Dafür ist diese Seite nicht da
error-405-hint = Die Adresse nimmt andere Anfragen an.
error-409 = Das passt nicht mehr
error-409-hint = Inzwischen hat sich etwas geändert. Sehen Sie noch einmal nach.
error-413 = Das ist zu groß
error-413-hint = Senden Sie weniger.
error-422 = Es sind Fehler darin
error-422-hint = Nichts wurde geändert. Berichtigen Sie, was genannt ist, und senden Sie es erneut.
error-429 = Zu viel auf einmal
error-429-hint = Warten Sie eine Weile und versuchen Sie es erneut.
error-500 = Ein Fehler des Dienstes
error-500-hint = Im Protokoll des Dienstes steht mehr.
error-503 = Zurzeit nicht verfügbar
error-503-hint = Versuchen Sie es gleich noch einmal.
error-status = Status { $status }
error-home = Zum Anfang

# Einheiten.
unit-bytes = { $number } B
unit-kilobytes = { $number } kB
unit-megabytes = { $number } MB
unit-gigabytes = { $number } GB
unit-terabytes = { $number } TB
unit-microseconds = { $number } µs
unit-milliseconds = { $number } ms
unit-seconds = { $number } s
unit-minutes = { $number } min
unit-hours = { $number } h
unit-days = { $number } d
