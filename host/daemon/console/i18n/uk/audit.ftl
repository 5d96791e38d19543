# Аудит.
nav-audit = Аудит
audit-none = Поки нічого не змінено.
audit-at = Коли
audit-actor = Хто
audit-action = Дія
audit-action-hint = Наприклад, subscription.update або user.*
audit-target = Над чим
audit-target-hint = Наприклад, subscription/desk
audit-changes = Зміни
audit-count = { $count ->
    [one] { $count } поле
    [few] { $count } поля
    [many] { $count } полів
   *[other] { $count } поля
}
audit-from = Було
audit-to = Стало
actor-token = токен
actor-user = користувач
actor-command_line = командний рядок
actor-daemon = служба
