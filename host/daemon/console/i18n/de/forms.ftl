# Formulare mehrerer Seiten.
save = Speichern
change = Ändern
leave = Abbrechen
enable = Einschalten
disable = Ausschalten
copy = Kopieren
copied = Kopiert
never = nie
shown-once = Es wird nur dieses eine Mal angezeigt. Kopieren Sie es jetzt.
form-refused = Nichts wurde geändert:
name-hint = Kleinbuchstaben, Ziffern, - _ und .
kind-subscription = Abonnement
kind-connection = Verbindung
kind-source = Quelle
kind-policy = Richtlinie
kind-mail = die Einstellungen für E-Mail
note-set = Gespeichert. { $what }
