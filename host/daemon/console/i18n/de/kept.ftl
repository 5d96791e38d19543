# Formulare, deren Sitzung abgelaufen ist.
kept-title = Ihr Formular ist noch da
kept-what = Sie sind angemeldet. Was Sie eingegeben hatten, ist noch da; gespeichert ist nichts. Geheimnisse sind neu einzugeben.
kept-open = Formular öffnen
kept-note = Das hatten Sie eingegeben. Es ist noch nicht gespeichert, und Geheimnisse sind neu einzugeben.
kept-login = Ihre Sitzung ist abgelaufen, und gespeichert ist nichts. Melden Sie sich an, dann bekommen Sie das Formular mit Ihren Eingaben zurück, ohne Geheimnisse.
