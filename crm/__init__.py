"""Contact desk: a small CRM with a contact centre inside. It starts in `crm.factory`."""
