"""What members keep together: favourites."""
