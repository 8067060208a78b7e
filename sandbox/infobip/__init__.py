"""An Infobip on a desk: its routes, envelopes, limits, reports and moods."""
