# Deliveries.
delivery = Delivery
deliveries-none = There are no deliveries yet. They are made when an event comes in that a subscription takes.
delivery-state = State
delivery-created = Made
delivery-finished = Ended
delivery-next = Next attempt
delivery-attempts = Attempts
delivery-status = HTTP status
delivery-reason = Reason
delivery-id = Id
delivery-facts = What it is
delivery-requests = Requests
delivery-position = { $position } of { $count }
delivery-remote = Id at the receiver
delivery-digest = Version of the plugin
delivery-parent = Caused by
delivery-child = follow-up
delivery-children = What its answers caused
delivery-follow-up = What it is to do
delivery-asked-for = What the plugin asked for
delivery-retry = Try again
delivery-cancel = Cancel
delivery-cancel-sure = Cancel this delivery? It will not be sent any more.
search-error = Text in the reason
search-parent = Caused by the delivery
attempt = Attempt { $number }
attempts-none = Nothing has been sent yet.
attempts-left-out = { $count ->
    [one] { $count } earlier attempt is left out.
   *[other] { $count } earlier attempts are left out.
}
attempt-judge = How the plugin read the answer
answer-none = No answer came.
answer-incomplete = The answer was longer; the rest was not kept.
plugin-call = Call of the plugin
phases-label = Where the time went
phase-total = in all
phase-token = getting a token
phase-resolve = resolving the name
phase-connect = connecting
phase-tls = TLS
phase-wait = sending and waiting
phase-read = reading the answer
note-retried = It is tried again.
note-canceled = It is canceled.
