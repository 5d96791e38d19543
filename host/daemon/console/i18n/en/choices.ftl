# What can be chosen, beside the values themselves.
field-order-is-none = in no order
field-order-is-per_ticket = one after the other for each ticket
field-order-is-strict = all one after the other
field-after-failure-is-skip = those behind it go on
field-after-failure-is-wait = those behind it wait
field-retry-unknown-is-true = yes
field-retry-unknown-is-false = no
field-auth-client-auth-is-basic = in a header, as a name and password
field-auth-client-auth-is-body = in the body of the request
field-preset-is-none = nobody’s
field-preset-is-xurrent = Xurrent, 4me, R-Service
field-preset-is-helpdeskeddy-api = HelpDeskEddy, its API
