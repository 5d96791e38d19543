# Zustellungen.
delivery = Zustellung
deliveries-none = Noch gibt es keine Zustellungen. Sie entstehen, wenn ein Ereignis eintrifft, das ein Abonnement nimmt.
delivery-state = Zustand
delivery-created = Angelegt
delivery-finished = Beendet
delivery-next = Nächster Versuch
delivery-attempts = Versuche
delivery-status = HTTP-Status
delivery-reason = Grund
delivery-id = Id
delivery-facts = Was es ist
delivery-requests = Anfragen
delivery-position = { $position } von { $count }
delivery-remote = Id beim Empfänger
delivery-digest = Version des Plugins
delivery-parent = Verursacht von
delivery-child = Folge
delivery-children = Was ihre Antworten ausgelöst haben
delivery-follow-up = Was sie tun soll
delivery-asked-for = Was das Plugin verlangt hat
delivery-retry = Erneut versuchen
delivery-cancel = Abbrechen
delivery-cancel-sure = Diese Zustellung abbrechen? Sie wird dann nicht mehr gesendet.
search-error = Text im Grund
search-parent = Verursacht von der Zustellung
attempt = Versuch { $number }
attempts-none = Noch wurde nichts gesendet.
attempts-left-out = { $count ->
    [one] { $count } früherer Versuch ist ausgelassen.
   *[other] { $count } frühere Versuche sind ausgelassen.
}
attempt-judge = Wie das Plugin die Antwort gelesen hat
answer-none = Es kam keine Antwort.
answer-incomplete = Die Antwort war länger; der Rest wurde nicht behalten.
plugin-call = Aufruf des Plugins
phases-label = Wo die Zeit blieb
phase-total = insgesamt
phase-token = Token holen
phase-resolve = Name auflösen
phase-connect = verbinden
phase-tls = TLS
phase-wait = senden und warten
phase-read = Antwort lesen
note-retried = Sie wird erneut versucht.
note-canceled = Sie ist abgebrochen.
