-- An event is in the log once, whatever admission believed: devices keep events by their id.
CREATE UNIQUE INDEX event_id_once ON log.event (event_id);
