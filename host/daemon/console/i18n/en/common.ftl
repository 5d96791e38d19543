# Words of several pages.
all = all
yes = yes
no = no
everywhere = everywhere
forever = forever
remove = Remove
crumbs-label = Path
pager-label = Pages of the list
pager-first = Newest
pager-older = Older
search = Search
search-clear = Clear
search-nothing = Nothing was found.
search-since = Since
search-until = Until
search-time-hint = Such as 2h, 7d or 2026-12-31T23:59:59Z
search-type-hint = Such as ticket.created or ticket.*
search-status-hint = Such as 404, 5xx or 400..=499
search-subject = Ticket id at the source
ticket = Ticket
source = Source
subscription = Subscription
subscription-gone = (removed)
connection = Connection
request = Request
request-headers = Headers of the request
answer = Answer
answer-headers = Headers of the answer
body-label = Body
body-empty = No body
body-binary = not all of it is text
body-cut = only the beginning is shown
body-download = Download all of it
call-fuel = Fuel
call-time = Time
call-memory = Memory
call-log = Log of the plugin
call-dropped = { $count ->
    [one] { $count } more line was dropped.
   *[other] { $count } more lines were dropped.
}
state-pending = pending
state-running = running
state-delivered = delivered
state-failed = failed
state-skipped = skipped
state-canceled = canceled
state-unknown = unknown
state-retry = again later
state-resend = changed and sent again
state-ready = ready
state-paused = paused
state-done = done
state-closed = works
state-open = does not work
state-half_open = being tried
