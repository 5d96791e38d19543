# Replays.
replay = Replay
replays-none = There are no replays.
replay-new = New replay
replay-state = State
replay-what = What
replay-redeliver = Deliver again
replay-backfill = Deliver what was missed
replay-redeliver-what = Deliveries that have ended, again
replay-backfill-what = Events that a subscription has not had
replay-states = That ended as
replay-subscription-hint = Needed for events that were missed
replay-again = Also events that it has had
replay-rate = Deliveries a second
replay-count = Count
replay-make = Make it
replay-preview = { $count ->
    [one] It would make { $count } delivery.
   *[other] It would make { $count } deliveries.
}
replay-left-out = Left out:
replay-done = Progress
replay-done-of = { $done } of { $found }
replay-progress = { $done } of { $found } are in the queue or were
replay-skipped = { $count ->
    [one] { $count } was not to be made any more.
   *[other] { $count } were not to be made any more.
}
replay-facts = What it is
replay-by = Asked for by
replay-created = Made
replay-started = Started
replay-finished = Ended
replay-move-start = Start
replay-move-pause = Pause
replay-move-resume = Go on
replay-move-cancel = Cancel
replay-move-remove = Remove
replay-cancel-sure = Cancel this replay? What it has made is delivered.
replay-remove-sure = Remove this replay from the list?
note-replay-made = It is made, and waits to be started.
note-replay-moved = That is done.
