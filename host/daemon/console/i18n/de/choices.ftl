# Was zur Wahl steht, neben den Werten selbst.
field-order-is-none = ohne Reihenfolge
field-order-is-per_ticket = je Ticket nacheinander
field-order-is-strict = alle nacheinander
field-after-failure-is-skip = die folgenden gehen weiter
field-after-failure-is-wait = die folgenden warten
field-retry-unknown-is-true = ja
field-retry-unknown-is-false = nein
field-auth-client-auth-is-basic = in einem Header, als Name und Passwort
field-auth-client-auth-is-body = im Inhalt der Anfrage
field-preset-is-none = keine
field-preset-is-xurrent = Xurrent, 4me, R-Service
field-preset-is-helpdeskeddy-api = HelpDeskEddy, dessen API
