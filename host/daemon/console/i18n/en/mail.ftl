outage-began-subject = deliveries of { $subscription } fail
outage-began = Deliveries of the subscription { $subscription } have failed since { $since }.
outage-failed-so-far =
    { $failed ->
        [0] None has been given up so far: they are tried again.
        [one] One has been given up so far.
       *[other] { $failed } have been given up so far.
    }
outage-one-more = You get one more mail when a delivery succeeds again, and none for each failure.
outage-ended-subject = deliveries of { $subscription } succeed again
outage-ended = Deliveries of the subscription { $subscription } succeed again. They failed from { $since } to { $until }.
outage-failed =
    { $failed ->
        [0] None was given up.
        [one] One was given up. It can be delivered again.
       *[other] { $failed } were given up. They can be delivered again.
    }
last-error = The last error was:
page = More: { $url }
operation-at = { $what } ({ $at }).
operation-left-out =
    { $count ->
        [one] One more time like this was not told.
       *[other] { $count } more times like this were not told.
    }
operation-subscription-disabled = The subscription { $subject } is disabled, since its deliveries fail
operation-plugin-suspended = The plugin { $subject } is suspended, since its calls fail
operation-plugin-resumed = The plugin { $subject } is called again
operation-destination-unavailable = Requests to { $subject } wait, since it is not well
operation-destination-recovered = Requests to { $subject } are sent again
operation-source-rejecting = A post to the source { $subject } cannot be read
test-subject = a test
test = Somebody tries whether mail from Hookwright arrives. It does. Nothing has to be done.
footer = This mail was written by Hookwright. Nobody reads answers to it.
