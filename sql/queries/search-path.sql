-- Lets people name the tables of website-monitor without their schema.
SET search_path = website_monitor, public
