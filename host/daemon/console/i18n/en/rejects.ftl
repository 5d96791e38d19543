# Posts that could not be read.
reject = A post that could not be read
rejects-what = Posts that a source could not read. Mend the source or its plugin, then read them again.
rejects-none = Everything could be read.
reject-why = Why
reject-times = Times
reject-first = First
reject-last = Last
reject-status = Answered with
reject-size = Size
reject-method = Method
reject-query = Query
reject-facts = What it is
reject-retry = Read again
reject-remove-sure = Remove this post? It is gone then.
note-read = It could be read, and was taken in.
note-removed = It is removed.
