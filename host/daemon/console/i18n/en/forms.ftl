# Forms of several pages.
save = Save
change = Change
leave = Leave it
enable = Enable
disable = Disable
copy = Copy
copied = Copied
never = never
shown-once = It is shown this once. Copy it now.
form-refused = Nothing was changed:
name-hint = Lower-case letters, digits, - _ and .
kind-subscription = subscription
kind-connection = connection
kind-source = source
kind-policy = policy
kind-mail = the settings of mail
note-set = Saved. { $what }
