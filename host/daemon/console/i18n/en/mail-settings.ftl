# The settings of mail.
mail-settings = Mail
mail-settings-what = People are told by mail when deliveries begin to fail, and when they succeed again.
mail-not-set-up = Mail is not set up: nobody is told by mail.
mail-disabled = Mail is disabled: what is to be sent waits, for a day.
mail-through = Mails are sent through { $server }.
mail-change = Set up mail
mail-look = How it is set up
mail-waiting = { $count ->
    [one] { $count } mail waits to be sent.
   *[other] { $count } mails wait to be sent.
}
mail-next-try = The next is tried
mail-part-server = Mail server
mail-part-mails = Mails
mail-secret-password = Password
mail-hint-password = Of the user name.
mail-secret-ca = Trusted authorities
mail-hint-ca = Certificates in PEM, for a mail server that has its own. With “none” those of Mozilla are trusted.
mail-try = Test mail
mail-try-to = To
mail-try-what = It is sent with the settings as they are saved.
mail-try-send = Send a test mail
mail-tried-sent = The mail server has it:
mail-tried-not-sent = It was not sent:
mail-remove-sure = Remove the settings of mail? Nobody is told by mail any more.
field-mail-server = Name or address of the mail server
field-mail-port = Port
hint-mail-port = If left out: 587 with STARTTLS, 465 with TLS, 25 without.
field-mail-security = Security of the connection
field-mail-security-starttls = STARTTLS
field-mail-security-tls = TLS from the first byte
field-mail-security-none = none: mails can be read on their way
field-mail-username = User name
hint-mail-username = Nobody logs in if left out.
field-mail-timeout = Seconds that sending one mail may take
field-mail-from = From
field-mail-to = Admins
hint-mail-to = Who hears of every outage and of what happens to the daemon. The people of a subscription stand there.
field-mail-language = Language of mails
field-mail-enabled = Send mails
