# Audit.
nav-audit = Audit
audit-none = Nothing has been changed yet.
audit-at = When
audit-actor = Who
audit-action = Action
audit-action-hint = Such as subscription.update or user.*
audit-target = Target
audit-target-hint = Such as subscription/desk
audit-changes = Changes
audit-count = { $count ->
    [one] { $count } field
   *[other] { $count } fields
}
audit-from = Before
audit-to = After
actor-token = token
actor-user = user
actor-command_line = command line
actor-daemon = daemon
