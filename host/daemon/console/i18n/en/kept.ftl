# Forms whose session has ended.
kept-title = Your form is still there
kept-what = You are logged in. What you had typed is still there; nothing has been saved. Secrets have to be typed again.
kept-open = Open the form
kept-note = This is what you had typed. It has not been saved yet, and secrets have to be typed again.
kept-login = Your session has ended, and nothing has been saved. Log in, and you get the form back with what you typed, without secrets.
