"""The operators' console, on the machines' host: all sites, and never a word of their people."""
