# Аудит.
nav-audit = Аудит
audit-none = Пока ничего не изменено.
audit-at = Когда
audit-actor = Кто
audit-action = Действие
audit-action-hint = Например, subscription.update или user.*
audit-target = Над чем
audit-target-hint = Например, subscription/desk
audit-changes = Изменения
audit-count = { $count ->
    [one] { $count } поле
    [few] { $count } поля
    [many] { $count } полей
   *[other] { $count } поля
}
audit-from = Было
audit-to = Стало
actor-token = токен
actor-user = пользователь
actor-command_line = командная строка
actor-daemon = служба
