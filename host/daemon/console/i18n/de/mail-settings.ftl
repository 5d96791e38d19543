# Die Einstellungen für E-Mail.
mail-settings = E-Mail
mail-settings-what = Per E-Mail wird gemeldet, wenn Zustellungen zu scheitern beginnen und wenn sie wieder gelingen.
mail-not-set-up = E-Mail ist nicht eingerichtet: niemand wird per E-Mail benachrichtigt.
mail-disabled = E-Mail ist ausgeschaltet: was zu senden ist, wartet einen Tag lang.
mail-through = E-Mails werden über { $server } gesendet.
mail-change = E-Mail einrichten
mail-look = Wie es eingerichtet ist
mail-waiting = { $count ->
    [one] { $count } E-Mail wartet auf den Versand.
   *[other] { $count } E-Mails warten auf den Versand.
}
mail-next-try = Nächster Versuch:
mail-part-server = Mailserver
mail-part-mails = E-Mails
mail-secret-password = Passwort
mail-hint-password = Zum Benutzernamen.
mail-secret-ca = Vertrauenswürdige Zertifizierungsstellen
mail-hint-ca = Zertifikate in PEM, für einen Mailserver mit eigenen. Bei „keines“ wird denen von Mozilla vertraut.
mail-try = Test-E-Mail
mail-try-to = An
mail-try-what = Gesendet wird mit den gespeicherten Einstellungen.
mail-try-send = Test-E-Mail senden
mail-tried-sent = Der Mailserver hat sie angenommen:
mail-tried-not-sent = Sie wurde nicht gesendet:
mail-remove-sure = Die Einstellungen für E-Mail entfernen? Niemand wird mehr per E-Mail benachrichtigt.
field-mail-server = Name oder Adresse des Mailservers
field-mail-port = Port
hint-mail-port = Wenn weggelassen: 587 bei STARTTLS, 465 bei TLS, sonst 25.
field-mail-security = Sicherheit der Verbindung
field-mail-security-starttls = STARTTLS
field-mail-security-tls = TLS vom ersten Byte an
field-mail-security-none = keine: E-Mails können unterwegs gelesen werden
field-mail-username = Benutzername
hint-mail-username = Wenn weggelassen, meldet sich niemand an.
field-mail-timeout = Sekunden, die das Senden einer E-Mail dauern darf
field-mail-from = Absender
field-mail-to = Administratoren
hint-mail-to = Wer von jeder Störung erfährt und davon, was mit dem Dienst geschieht. Die Empfänger eines Abonnements stehen bei diesem.
field-mail-language = Sprache der E-Mails
field-mail-enabled = E-Mails senden
