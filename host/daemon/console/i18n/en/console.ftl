# What every page has.
skip = Skip to the content
nav-label = Pages
nav-deliveries = Deliveries
nav-events = Events
nav-rejects = Rejects
nav-replays = Replays
nav-destinations = Destinations
nav-journal = Journal
logged-in-as = { $user } ({ $role })
role-poster = poster
role-reader = reader
role-operator = operator
role-admin = admin
log-in = Log in
log-out = Log out
language = Language
switch = Switch

# Logging in.
login-name = Name
login-password = Password
login-wrong = Name and password do not go together.
login-too-often = Too many attempts. Wait a while and try again.
login-busy = Too many people log in at once. Try again in a few seconds.
login-stale = This form was open for too long. Try again.

# What goes wrong.
error-400 = This cannot be understood
error-400-hint = Something in the request is not as it should be.
error-401 = You are not logged in
error-401-hint = Log in to see this page.
error-403 = Not allowed
error-403-hint = Your role does not allow this, or the page that sent it has expired.
error-404 = There is nothing here
error-404-hint = It was removed, the journal does not keep it any more, or the address is mistyped.
error-405 = This page is not for that
error-405-hint = The address takes other requests.
error-409 = That does not fit any more
error-409-hint = Something has changed meanwhile. Look at it again.
error-413 = That is too large
error-413-hint = Send less.
error-422 = There are mistakes in it
error-422-hint = Nothing was changed. Mend what is named and send it again.
error-429 = Too much at once
error-429-hint = Wait a while and try again.
error-500 = A fault of the daemon
error-500-hint = The log of the daemon says more.
error-503 = Not available now
error-503-hint = Try again in a moment.
error-status = Status { $status }
error-home = To the start

# Units.
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
