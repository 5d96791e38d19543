# Wiederholungen.
replay = Wiederholung
replays-none = Es gibt keine Wiederholungen.
replay-new = Neue Wiederholung
replay-state = Zustand
replay-what = Was
replay-redeliver = Erneut zustellen
replay-backfill = Verpasstes zustellen
replay-redeliver-what = Beendete Zustellungen, noch einmal
replay-backfill-what = Ereignisse, die ein Abonnement nicht hatte
replay-states = Die so endeten
replay-subscription-hint = Nötig für verpasste Ereignisse
replay-again = Auch Ereignisse, die es schon hatte
replay-rate = Zustellungen je Sekunde
replay-count = Zählen
replay-make = Anlegen
replay-preview = { $count ->
    [one] Das gäbe { $count } Zustellung.
   *[other] Das gäbe { $count } Zustellungen.
}
replay-left-out = Ausgelassen:
replay-done = Fortschritt
replay-done-of = { $done } von { $found }
replay-progress = { $done } von { $found } stehen in der Schlange oder standen darin
replay-skipped = { $count ->
    [one] { $count } war nicht mehr zu machen.
   *[other] { $count } waren nicht mehr zu machen.
}
replay-facts = Was es ist
replay-by = Verlangt von
replay-created = Angelegt
replay-started = Begonnen
replay-finished = Beendet
replay-move-start = Beginnen
replay-move-pause = Anhalten
replay-move-resume = Fortsetzen
replay-move-cancel = Abbrechen
replay-move-remove = Entfernen
replay-cancel-sure = Diese Wiederholung abbrechen? Was sie gemacht hat, wird zugestellt.
replay-remove-sure = Diese Wiederholung aus der Liste entfernen?
note-replay-made = Sie ist angelegt und wartet auf den Beginn.
note-replay-moved = Erledigt.
