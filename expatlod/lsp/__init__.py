"""The language server: findings while typing, completion and help in any editor that speaks LSP."""
