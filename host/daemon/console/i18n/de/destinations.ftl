# Ziele.
destinations-what = Wohin zuletzt gesendet wurde. Solange ein Ziel nicht funktioniert, warten seine Zustellungen; ab und zu wird eine gesendet, um zu sehen, ob es wieder geht.
destinations-none = Seit dem Start des Dienstes wurde nichts gesendet.
destination-state = Zustand
destination-origin = Ziel
destination-through = über { $proxy }
destination-failed = Gescheitert
destination-failed-of = { $failed } von { $tries }
destination-since = Seit
destination-error = Letzter Fehler
destination-probe = Nächste Probe
