# Wörter mehrerer Seiten.
all = alle
yes = ja
no = nein
everywhere = überall
forever = für immer
remove = Entfernen
crumbs-label = Pfad
pager-label = Seiten der Liste
pager-first = Neueste
pager-older = Ältere
search = Suchen
search-clear = Zurücksetzen
search-nothing = Nichts gefunden.
search-since = Seit
search-until = Bis
search-time-hint = Etwa 2h, 7d oder 2026-12-31T23:59:59Z
search-type-hint = Etwa ticket.created oder ticket.*
search-status-hint = Etwa 404, 5xx oder 400..=499
search-subject = Ticket-Id in der Quelle
ticket = Ticket
source = Quelle
subscription = Abonnement
subscription-gone = (entfernt)
connection = Verbindung
request = Anfrage
request-headers = Kopfzeilen der Anfrage
answer = Antwort
answer-headers = Kopfzeilen der Antwort
body-label = Inhalt
body-empty = Kein Inhalt
body-binary = nicht alles davon ist Text
body-cut = nur der Anfang ist zu sehen
body-download = Alles herunterladen
call-fuel = Treibstoff
call-time = Zeit
call-memory = Speicher
call-log = Protokoll des Plugins
call-dropped = { $count ->
    [one] { $count } weitere Zeile wurde verworfen.
   *[other] { $count } weitere Zeilen wurden verworfen.
}
state-pending = wartet
state-running = läuft
state-delivered = zugestellt
state-failed = gescheitert
state-skipped = übersprungen
state-canceled = abgebrochen
state-unknown = unbekannt
state-retry = später erneut
state-resend = geändert erneut gesendet
state-ready = bereit
state-paused = angehalten
state-done = fertig
state-closed = funktioniert
state-open = funktioniert nicht
state-half_open = wird erprobt
