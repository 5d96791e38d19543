# Destinations.
destinations-what = Where requests were sent lately. While a destination does not work, its deliveries wait, and one is sent now and then to see whether it works again.
destinations-none = Nothing has been sent since the daemon was started.
destination-state = State
destination-origin = Destination
destination-through = through { $proxy }
destination-failed = Failed
destination-failed-of = { $failed } of { $tries }
destination-since = Since
destination-error = Last failure
destination-probe = Tried next
