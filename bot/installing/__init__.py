"""Many workspaces: how the app is installed, where its tokens are kept, and how they are renewed and end."""
