# Audit.
nav-audit = Änderungen
audit-none = Noch wurde nichts geändert.
audit-at = Wann
audit-actor = Wer
audit-action = Handlung
audit-action-hint = Etwa subscription.update oder user.*
audit-target = Gegenstand
audit-target-hint = Etwa subscription/desk
audit-changes = Änderungen
audit-count = { $count ->
    [one] { $count } Feld
   *[other] { $count } Felder
}
audit-from = Vorher
audit-to = Nachher
actor-token = Token
actor-user = Benutzer
actor-command_line = Befehlszeile
actor-daemon = Dienst
