"""Where people meet the advisor: the command line, and the words of a reply. Holds no price and no rule."""
